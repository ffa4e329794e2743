"""Reading, judging and changing pictures. A leaf: it knows Pillow and the contract, and no request.

Judging goes from cheap to dear: `base64_text` (is it base64 at all), `probe` (what the header says),
`pictures` and `masks` (one rule per sentence of the documents), `decode` (pixels, strictly, once).
"""
