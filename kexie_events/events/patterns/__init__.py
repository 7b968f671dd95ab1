"""排期规则: a rule with memory, its dates, changing it from a date on, slots skipped and brought back."""
