/**
 * Routes that may be asked for without a token: their own code decides what a stranger sees. Every other route checks
 * the caller's token first. App Service lets exactly these through as well (infra/modules/openPaths.bicep): whole
 * paths, since it compares them as they are.
 */
export const OPEN_ROUTES = ['health'] as const;
