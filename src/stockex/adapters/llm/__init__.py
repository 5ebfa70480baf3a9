"""Language models behind HTTP: Groq, Hugging Face, Ollama, one after the other.

Rule 1. Nothing is imported for it, and no key is read, unless a provider is configured.
Rule 2. An answer is bounded in time and size, and is what the caller accepts; else the next one is asked.
Rule 3. Who refuses or fails rests before it is asked again.
"""
