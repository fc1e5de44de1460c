import fc from 'fast-check';
import { oddSegment } from './odd-texts.ts';

/** A method and an address without its query. */
export interface Path {
  readonly method: string;
  readonly path: string;
}

/** Existing addresses with one thing about them changed. */
export const nearMisses = (paths: fc.Arbitrary<Path>): fc.Arbitrary<Path> =>
  fc
    .record({ path: paths, how: fc.nat(NEAR.length - 1), at: fc.nat(60), odd: oddSegment })
    .map(({ path: { method, path }, how, at, odd }) => ({
      method,
      path: NEAR[how]?.(path, at, odd) ?? path,
    }));

const NEAR: readonly ((path: string, at: number, odd: string) => string)[] = [
  // First, because it is what shrinking ends at.
  (path) => path,
  (path) => path.toUpperCase(),
  (path) => `${path}/`,
  (path) => `${path}//`,
  (path) => `/${path}`,
  (path) => path.replace('/api', ''),
  (path) => path.replace('/api/', '/api//'),
  (path) => path.replace('/api/', '/api/./'),
  (path) => path.replace('/api/', '/API/x/../'),
  (path) => path.replace('/api/', '/api/%2e%2e/api/'),
  (path) => path.replace('/api/', '/api%2f'),
  (path) => path.replace('/api/', '/api\\'),
  (path) => path.replace('/api/', '/%61pi/'),
  (path) => path.replace('/api/', '/%2561pi/'),
  (path) => path.replace('/api/', '/admin/'),
  (path) => path.replace('/api/', '/runtime/webhooks/'),
  (path) => path.replace('tenants', 'tenant'),
  (path) => path.replace('incidents', 'incidents.json'),
  (path) => path.replace('health', 'healthz'),
  (path) => `${path};jsessionid=1`,
  (path) => `${path}%00`,
  (path) => `${path}#part`,
  (path, _at, odd) => `${path}/${odd}`,
  (path, at, odd) => path.slice(0, at) + odd + path.slice(at),
  (path, at) => path.slice(0, at) + path.slice(at + 1),
  (path, at) => path.slice(0, Math.max(1, at)),
  (path, at) => path.slice(0, at) + percent(path[at] ?? '') + path.slice(at + 1),
  (path, at) => path.slice(0, at) + percent(percent(path[at] ?? '')) + path.slice(at + 1),
];

function percent(character: string): string {
  return character.replaceAll(
    /[^%]|%(?![0-9A-F]{2})/g,
    (each) => `%${each.charCodeAt(0).toString(16).padStart(2, '0')}`,
  );
}
