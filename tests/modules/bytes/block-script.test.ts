import { blockTests } from "./block";

blockTests(false);
