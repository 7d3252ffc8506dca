/** The page of a store in a browser: what it shows, as JSON, and who may ask for it. */
export { startUi, type Ui, type UiRequest } from './server.js';
