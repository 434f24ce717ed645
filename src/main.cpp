#include "cli/app.h"

int main(int argc, char** argv) { return pwlog::run_app(argc, argv); }
