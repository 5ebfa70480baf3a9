// The login page is plain HTML; this only keeps its top bar live.

import { start } from "./frame.js";

start(null);
