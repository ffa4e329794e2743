"""Reading, validating and changing pictures. Depends on Pillow and the contract, not on requests.

Validation runs from cheap to expensive: `base64_text` (is it base64), `probe` (the header), `pictures` and `masks`
(one rule per sentence of the documents), `decode` (pixels, strictly, once).
"""
