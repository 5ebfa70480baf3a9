// The clearing house: the ranking of the members.

import { Leaderboard } from "../components/leaderboard.js";
import { start } from "./frame.js";

start(Leaderboard);
