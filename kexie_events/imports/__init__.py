"""导入日历: a calendar of somebody else, as a file or an address, becomes draft occurrences of an edition."""
