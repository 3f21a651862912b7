// An oidc-provider with its built-in development login and consent pages.
// Arguments: port, redirect URI, and further metadata of the client as JSON. Prints "ready" on stdout once it listens.
import { createRequire } from 'node:module';
import { pathToFileURL } from 'node:url';
import path from 'node:path';

const [port, redirectUri, client = '{}'] = process.argv.slice(2);
// The package lies in the current directory's node_modules, not beside this file.
const fromHere = createRequire(path.join(process.cwd(), 'package.json'));
const { Provider } = await import(pathToFileURL(fromHere.resolve('oidc-provider')));

const issuer = `http://127.0.0.1:${port}`;
const provider = new Provider(issuer, {
  clients: [
    {
      client_id: 'contract-client',
      client_secret: 'contract-client-secret',
      redirect_uris: [redirectUri],
      grant_types: ['authorization_code', 'refresh_token'],
      ...JSON.parse(client),
    },
  ],
  pkce: { required: () => true },
  cookies: { keys: ['a key for tests only'] },
});
provider.listen(Number(port), '127.0.0.1', () => process.stdout.write('ready\n'));
process.stdin.resume();
// Ends with the process that started it.
process.stdin.on('end', () => process.exit(0));
