"""Photo app: a customer paints over something in a photo and gets three versions to choose from."""
