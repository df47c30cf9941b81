"""Who, what, when, then: from findings to verdicts.  Pure: opens no file, asks nobody."""
