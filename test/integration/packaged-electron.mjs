// Runs the main file of an unpacked archive where Electron cannot: `electron` is answered by what the start of a packaged program needs until the first decision.
import { registerHooks } from 'node:module';
import { pathToFileURL } from 'node:url';

const [program, ...words] = process.argv.slice(2);
const stub = `
  const nothing = new Proxy(function () {}, { get: () => nothing, apply: () => undefined, construct: () => ({}) });
  export const app = {
    isPackaged: true, getAppPath: () => ${JSON.stringify(program)}, enableSandbox() {}, setPath() {}, commandLine: { appendSwitch() {} },
    exit: (code) => process.exit(code), on() {}, requestSingleInstanceLock: () => true, whenReady: () => new Promise(() => {}),
  };
  export const protocol = { registerSchemesAsPrivileged() {} };
  export const BrowserWindow = nothing, Menu = nothing, clipboard = nothing, dialog = nothing, ipcMain = nothing, nativeTheme = nothing, powerMonitor = nothing, session = nothing, utilityProcess = nothing;
`;
registerHooks({
  resolve: (specifier, context, next) => (specifier === 'electron' ? { url: `data:text/javascript,${encodeURIComponent(stub)}`, shortCircuit: true } : next(specifier, context)),
});
process.argv = [process.execPath, ...words];
await import(pathToFileURL(`${program}/out/main/main.js`).href);
