import { ACTIONS, CUSTOMER_ACTIONS } from '../shared/http/actions.ts';
import { type ApiRoute, ROUTES } from '../shared/http/routes-table.ts';

/** The routes as a Markdown table: who may use each, and what it does. */
export function routesTable(routes: readonly ApiRoute[] = ROUTES): string {
  const lines = routes.map(
    ({ method, path, action, needs = 'none', inUsersName = false, forBrowsers = false, what }) => {
      const ofAction = action === undefined ? needs : `\`${ACTIONS[action]}\``;
      const role = inUsersName ? `${ofAction}; with \`actAs: user\` none` : ofAction;
      const customers = forBrowsers
        ? 'browsers'
        : action === undefined || CUSTOMER_ACTIONS.has(action)
          ? 'yes'
          : 'no';
      return `| \`${method} /${path}\` | ${role} | ${customers} | ${what} |`;
    },
  );
  return ['| route | app role | customers’ callers | what |', '|---|---|---|---|', ...lines].join('\n');
}
