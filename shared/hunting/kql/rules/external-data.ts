import { found } from '../codes.ts';
import { placeOf } from '../query-context.ts';
import { isKind, listPart } from '../tree.ts';
import type { Rule } from './rule.ts';

/** `externaldata`, with the hosts that it reads from. */
export const externalData: Rule = ({ nodes }) =>
  nodes.flatMap((node) =>
    isKind(node, 'ExternalDataExpression')
      ? listPart(node, 'URIs').map((address) => {
          const { LiteralValue: value } = address;
          const host = typeof value === 'string' ? hostOf(value) : undefined;
          const from = host ?? 'an address that only the run knows';
          return found('KQL201', placeOf(address), `The query reads from the web: from ${from}.`);
        })
      : [],
  );

function hostOf(address: string): string {
  // A connection string may have properties behind the address: `https://…;managed_identity=…`.
  const [url = ''] = address.split(';');
  return URL.canParse(url) ? new URL(url).host : `“${url}”`;
}
