"""Measurements on real parts. ``make bench`` prints one table; ``make bench SCALE=10`` has ten times the rows.

Every module has ``rows(house, scale)``, which yields lines of the table. Figures depend on the machine and are asserted
nowhere; ratios between two lines of one run are what counts.
"""
