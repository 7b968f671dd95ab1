"""轮值承办: hosts in turn, exchanges of issues, and the approval that a host asks for."""
