import { kusto, type SyntaxElement } from '../../../shared/hunting/kql/kusto.ts';

const NAMES = new Map(
  Object.entries(kusto.Syntax.SyntaxKind).flatMap(([name, number]) =>
    typeof number === 'number' ? [[number, name] as const] : [],
  ),
);

/** A node of a question: its kind by the language service's name, its text, and its parts. */
export interface Part {
  readonly kind: string;
  readonly text: string;
  /** The part that has this name in it. */
  part(name: string): Part;
  maybe(name: string): Part | undefined;
  /** All parts, tokens left out; of a list its items. */
  readonly parts: readonly Part[];
}

/** A bound question as parts; `query` is its text. What was looked at once is kept: rows ask again and again. */
export function partOf(node: SyntaxElement, query: string): Part {
  const kind = NAMES.get(node.Kind) ?? String(node.Kind);
  const text = query.slice(node.TextStart, node.End);
  let known: readonly (readonly [name: string | null, part: Part])[] | undefined;
  const children = (): NonNullable<typeof known> => {
    known ??= elementsOf(node).map((child) => [child.NameInParent, partOf(itemOf(child), query)]);
    return known;
  };
  const maybe = (name: string): Part | undefined => children().find(([given]) => given === name)?.[1];
  return {
    kind,
    text,
    maybe,
    part(name) {
      const found = maybe(name);
      if (!found) throw new Error(`${kind} has no ${name}: ${text}`);
      return found;
    },
    get parts() {
      return children().map(([, part]) => part);
    },
  };
}

function elementsOf(node: SyntaxElement): SyntaxElement[] {
  const found: SyntaxElement[] = [];
  for (let index = 0; index < node.ChildCount; index++) {
    const child = node.GetChild(index);
    if (child && !child.IsToken) found.push(child);
  }
  return found;
}

/** An item of a list comes with the comma behind it. */
function itemOf(element: SyntaxElement): SyntaxElement {
  if (element.Kind !== kusto.Syntax.SyntaxKind.SeparatedElement) return element;
  return element.GetChild(0) ?? element;
}
