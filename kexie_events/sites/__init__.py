"""One campaign at many places: activities that units declare, their review up the tree, map, report, roll-up."""
