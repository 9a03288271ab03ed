"""Reading and writing claims: CSV files, case folders and data frames."""
