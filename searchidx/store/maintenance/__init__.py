"""Check an index for damage, and repair a damaged one."""
