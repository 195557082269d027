"""What a vat's code gives to definers: guards, ``init``, methods and options, found by name in one module's tree."""
