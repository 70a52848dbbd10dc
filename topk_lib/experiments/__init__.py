"""Everything that trains, measures and keeps records."""
