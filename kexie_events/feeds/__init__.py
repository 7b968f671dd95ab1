"""订阅: published iCalendar bytes: rendered once by the worker, served before any other work."""
