/** Builds on first use, and keeps what was built. A failure is not kept, nor a promise that comes to nothing. */
export function once<Value>(build: () => Value): () => Value {
  let built: { readonly value: Value } | undefined;

  function keep(value: Value): Value {
    const kept = { value };
    built = kept;
    const forget = (): void => {
      if (built === kept) built = undefined;
    };
    if (value instanceof Promise) value.catch(forget);
    return value;
  }

  return () => (built ? built.value : keep(build()));
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
