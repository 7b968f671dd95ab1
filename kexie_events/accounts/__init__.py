"""账号: people, sign-in, grants."""
