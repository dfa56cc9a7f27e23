import { blockTests } from "./block";

blockTests(true);
