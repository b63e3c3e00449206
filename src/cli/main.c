/* main.c -- the program: everything is in cli_main. */
#include "command.h"

int main(int argc, char **argv)
{
    return cli_main(argc, argv);
}
