"""活动: series, recurrence, editions, timeline, occurrences, venues."""
