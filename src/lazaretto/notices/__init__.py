"""What recipients read in place of what they do not get: texts by language, filled in safely."""
