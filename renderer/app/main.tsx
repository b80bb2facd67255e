// Starts the page: the look first, so that what index.html says is on the screen; the app is large and follows.
import '../theme/fonts.css';
import '../theme/tokens.css';
import '../theme/base.css';
import '../theme/components.css';

const root = document.getElementById('root');
if (root === null) throw new Error('the page has no root element');
const { drawApp } = await import('./AppRoot.tsx');
drawApp(root);
