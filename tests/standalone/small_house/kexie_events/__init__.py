"""The real package ``standalone`` is copied in beside this file."""
