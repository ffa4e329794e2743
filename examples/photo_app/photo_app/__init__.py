"""Photo app: a user marks an area of a photo and chooses one of three edited versions."""
