"""ClamAV's signature files: read (``database``), prefiltered (``prefilter``), confirmed (``occurrences``)."""
