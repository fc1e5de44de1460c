import { isGuid } from './text.ts';

const MANY = /^(?:common|organizations|consumers)$/i;
const DOMAIN = /^[\w-]+(?:\.[\w-]+)+$/;
const WITH_SCHEME = /^\w+:\/\//;

/**
 * What is wrong with a text that should be an id of a tenant or an app, after the name of the field. Shows nothing of
 * the text but words that stand for tenants: whatever was put in the wrong place may be a secret.
 */
export function whyNoGuid(text: unknown): string {
  const word = typeof text === 'string' ? text.trim() : '';
  if (MANY.test(word))
    return `must be a GUID: "${word.toLowerCase()}" stands for any tenant, and work is always done in one`;
  if (/^[{(].*[)}]$/.test(word) && isGuid(word.slice(1, -1))) return 'must be a GUID without braces';
  if (WITH_SCHEME.test(word)) return 'must be a GUID, not an address or a URI that holds it';
  if (DOMAIN.test(word))
    return 'must be a GUID, not a domain name: the directory id is on the overview page of the tenant in the Microsoft Entra admin center';
  return 'must be a GUID';
}
