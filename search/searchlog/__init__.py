"""What every answer leaves behind: what was asked, what was shown, and which channel found it."""
