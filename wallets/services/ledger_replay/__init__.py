"""What `replay` compares: sums that are stored with sums of entries, and postings with their transactions."""
