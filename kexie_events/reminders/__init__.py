"""提醒: which reminder is due for whom; owes messages."""
