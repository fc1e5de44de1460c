// Written by npm run infra:build from the table of routes, shared/http/routes-table.ts.

@export()
@description('Paths that the platform lets through without a token. Outrider checks there for itself.')
var openPaths = ['/api/health', '/api/onboarding/callback']
