"""作品: applications, members, files."""
