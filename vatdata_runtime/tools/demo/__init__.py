"""The story that ``vatdata demo`` tells, and the three versions of a bank that it is told with."""
