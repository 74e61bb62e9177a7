// Removed once the folder has its first source.
