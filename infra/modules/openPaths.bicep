// Paths that a caller without a token may ask for: exactly those of shared/http/open-routes.ts, below the prefix of
// host.json (test/infra/easyauth.test.ts).

@export()
@description('Paths that the platform lets through without a token. Outrider checks there for itself.')
var openPaths = ['/api/health']
