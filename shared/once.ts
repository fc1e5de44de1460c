/** Builds on first use, and keeps what was built. A failure is not kept. */
export function once<Value>(build: () => Value): () => Value {
  let built: { readonly value: Value } | undefined;
  return () => {
    built ??= { value: build() };
    return built.value;
  };
}

/** One of a kind for each key. */
export function keyed<Value>(build: (key: string) => Value): (key: string) => Value {
  const built = new Map<string, Value>();
  return (key) => {
    const found = built.get(key) ?? build(key);
    built.set(key, found);
    return found;
  };
}
