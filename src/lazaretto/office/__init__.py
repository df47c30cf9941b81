"""The binary formats of Microsoft's office programs: compound files, embedded objects, records, encryption."""
