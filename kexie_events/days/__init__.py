"""日历: what kind of day a date is, which days have a name, what to think twice about when planning."""
