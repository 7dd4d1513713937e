%% Evaluated by a member of a cluster as it starts: every five seconds it connects to the members that it has lost. RabbitMQ does so
%% itself only until a node has come back once; after that a member that was cut off would stay apart, and yet answer clients.
Lost = fun() -> case rabbit:is_running() of true -> rabbit_nodes:list_members() -- [node() | nodes()]; false -> [] end end,
Rejoin = fun Again() -> timer:sleep(5000), catch lists:foreach(fun net_kernel:connect_node/1, Lost()), Again() end,
spawn(Rejoin).
