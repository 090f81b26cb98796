class TokenizerIter:
    def __init__(self, *a, **k): raise NotImplementedError("tokenize")
