"""What a run tells: failure texts, records, reports."""
