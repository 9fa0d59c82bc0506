"""What a person or cron asks for: runs, verdicts, looks. Above the engine, below the command line."""
