import { expect, it } from 'vitest';
import { type ApiRoute, ROUTES } from '../../shared/http/routes-table.ts';

// The Functions host does not prefer literal segments: it takes the first route that fits, in the order of the
// functions' names. https://github.com/Azure/azure-functions-host/issues/9876

const isParameter = (segment: string): boolean => segment.startsWith('{');

/** Would an address of one route also fit the other, whose segments there are parameters? */
function isShadowedBy({ path }: ApiRoute, other: ApiRoute): boolean {
  const [mine, others] = [path.split('/'), other.path.split('/')];
  if (mine.length !== others.length || path === other.path) return false;
  return mine.every((segment, index) => {
    const there = others[index] ?? '';
    return isParameter(there) || (!isParameter(segment) && segment === there);
  });
}

it('a route that a more general one fits as well has a name that comes first', () => {
  const routes: readonly ApiRoute[] = ROUTES;
  const pairs = routes.flatMap((route) =>
    routes
      .filter((other) => other.method === route.method && isShadowedBy(route, other))
      .map((other) => [route.name, other.name] as const),
  );
  expect(pairs).toContainEqual(['get-invitations', 'get-tenant']);
  for (const [name, general] of pairs) expect(name < general, `${name} before ${general}`).toBe(true);
});
