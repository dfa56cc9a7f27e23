import { serve } from "./scripted-server.peer.ts";

serve();
