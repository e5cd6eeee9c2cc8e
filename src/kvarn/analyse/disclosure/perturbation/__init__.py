"""The method cell-key: figures changed a little by chance, in the same way wherever they stand."""
